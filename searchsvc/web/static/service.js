// The address of the service: the folder above the one that this module comes from.

export const SERVICE = new URL("../", import.meta.url);
