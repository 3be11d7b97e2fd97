"""The shapes of the vendors' exports, one module a source or part of one."""
