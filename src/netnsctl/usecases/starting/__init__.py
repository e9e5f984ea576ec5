"""Containers that a runtime is about to start: their wires are made before their first process runs, and removed when
they have ended. What asks for it is a hook of the runtime, while the runtime holds the container: it cannot be asked
about it now.
"""
