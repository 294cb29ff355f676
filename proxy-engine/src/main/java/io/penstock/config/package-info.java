/** What the operator wrote: immutable records, one per noun, and the validator that reports every fault at once. */
@NullMarked
package io.penstock.config;

import org.jspecify.annotations.NullMarked;
