"""Was it a person? Agents, networks, and what hits near one another say together."""
