"""The sources of the table of networks: the package's own file, and the bucket with a newer one."""
