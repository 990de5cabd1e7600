"""Everything that is read from the pictures of a film, in one go or piece by piece on any number of machines."""
