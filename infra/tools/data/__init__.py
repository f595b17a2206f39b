"""Makes the package's data files from published sources."""
