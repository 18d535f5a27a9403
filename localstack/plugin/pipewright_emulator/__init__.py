"""LocalStack plug-in: the AWS delivery services its community edition lacks, good enough to develop pipelines against.

LocalStack finds everything here through the entry points of pipewright_emulator-1.0.dist-info. Each service keeps
its own store, keyed by account and region; what moto already does right is left to moto.
"""
