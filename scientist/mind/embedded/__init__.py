"""The embedded reviewer: a small trained model that predicts a paper's mean rating from its text, with numpy only."""
