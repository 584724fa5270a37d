// A text field of the form.

export const text = (order: number, title: string, description: string, more: object = {}) => ({
  type: 'string',
  order,
  title,
  description,
  ...more,
});
