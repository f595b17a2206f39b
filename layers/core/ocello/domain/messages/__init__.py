"""A sent message: its recipients, delivery, visibility, alerts, and its place in the inbox."""
