"""The page: the only part of Ergo that knows Gradio."""
