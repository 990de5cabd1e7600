"""Who is in the picture and how they stand: landmarks per person over time, and which person is the worker."""
