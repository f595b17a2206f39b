"""The JSON API, `/v1`: the control plane."""
