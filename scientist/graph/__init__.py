"""The eight stages as a LangGraph state machine; the only package that imports langgraph."""
