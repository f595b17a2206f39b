"""Where the table of networks comes from: the package's own file, and the bucket where a fresher one is kept."""
