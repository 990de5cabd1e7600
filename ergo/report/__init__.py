"""What leaves the pipeline: result.json, tables, motion files, the viewer's data."""
