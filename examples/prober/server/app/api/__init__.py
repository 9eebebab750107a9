"""The HTTP face of the server: routes and what they depend on."""
