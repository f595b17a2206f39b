"""What every subject uses: errors, ids, times, hosts, and sentences for people."""
