"""The bundle of a run: everything that another person needs to check the paper and to run it again."""
