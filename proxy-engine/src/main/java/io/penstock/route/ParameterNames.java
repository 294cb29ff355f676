package io.penstock.route;

import java.util.List;

/** What a template calls the parts of a path that it takes out, in order. */
record ParameterNames(List<String> names) {}
