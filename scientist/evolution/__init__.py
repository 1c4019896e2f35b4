"""Optimising a program against an evaluator, without a paper: tasks, how they are scored, and one run of one."""
