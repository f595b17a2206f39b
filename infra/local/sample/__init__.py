"""What a local run starts with: users, four weeks of their mail, and a demonstration."""
