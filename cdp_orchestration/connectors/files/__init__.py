"""Files that lie elsewhere: in a folder, a bucket, on an SFTP server, behind a URL."""
