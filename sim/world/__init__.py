"""The clock: thin SimPy processes over the kernels. The only importer of simpy."""
