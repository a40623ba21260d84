"""The simulator's own tests, by subject; test_sim.py runs them all."""
