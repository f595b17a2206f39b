"""The administrators' pages of what proves how consent is dealt with, and of what people may ask for."""
