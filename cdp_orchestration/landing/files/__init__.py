"""The forms of delivered files: what is packed is unpacked, and each form is read as rows as they are written."""
