/** Its key is an upload's id. */
export const UPLOADS = 'codeconnections/uploads';
/** Its key is a watch's id. */
export const WATCHES = 'codeconnections/watches';

/** Rung when an upload has ended. */
export const uploadTopic = (id: string) => `codeconnections/upload/${id}`;
