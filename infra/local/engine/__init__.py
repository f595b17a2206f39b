"""The engine that stands in AWS's place: started, filled with the stack, and reached."""
