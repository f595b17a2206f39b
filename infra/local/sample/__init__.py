"""What a local run starts with: users, a story of their mail, and a demonstration."""
