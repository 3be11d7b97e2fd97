"""The open tier of a release: the same facts without names, addresses and ids, for people who need no customer."""
