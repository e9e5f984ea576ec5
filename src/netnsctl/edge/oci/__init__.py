"""What the host knows of a container that an OCI runtime is about to start: who starts it, and of which image."""
