"""Makes the data that the package carries out of published sources."""
