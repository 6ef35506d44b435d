"""What charging costs: OCPP 2.1's tariffs, read and counted with. Pure; time and what has flowed are inputs."""
