"""What the hits of a message come to: counters, the packed row, and what is read out of it."""
