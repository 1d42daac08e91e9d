//! Shared parts of the example hosts: the demo data.
