/** The resources of the API: their binding to JSON and YAML, their schemas, and what each path answers. */
@NullMarked
package io.penstock.admin.resource;

import org.jspecify.annotations.NullMarked;
