/** The resources of the admin API, one class each, between JSON and config records. */
@NullMarked
package io.penstock.admin.resource;

import org.jspecify.annotations.NullMarked;
