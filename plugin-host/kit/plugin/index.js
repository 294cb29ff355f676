// Gives an editor the types of a plugin's hooks; in the gateway a virtual module of the same name does the same.
export const definePlugin = (plugin) => plugin;
