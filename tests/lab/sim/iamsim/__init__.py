"""Simulator of the AWS IAM endpoint for the service-last-accessed operations."""
