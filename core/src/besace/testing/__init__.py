"""Testing: fixtures, for the tests of plugins as for our own. pytest finds `besace.testing.fixtures` by itself."""
