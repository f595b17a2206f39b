"""What capture and settle speak to AWS with: the standard library only."""
