"""What the tests' fixtures are made of; see tests/conftest.py for what they offer."""
