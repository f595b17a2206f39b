"""Use cases of the request flow of a hit: recording, replaying, settling."""
