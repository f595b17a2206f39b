"""How capture and settle call AWS, with the standard library only."""
