// https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
export const PAGE_SIZE = 100;
/** https://docs.aws.amazon.com/servicequotas/latest/userguide/sq-tagging.html */
export const MAX_TAGS = 50;
