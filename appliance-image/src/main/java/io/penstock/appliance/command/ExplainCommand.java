package io.penstock.appliance.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code penstock explain}. */
@Command(
        name = "explain",
        description = {
            "Say what would become of a request and why: the route that wins, the first condition that each other one"
                    + " fails, what would run, and where it would go. No request is sent to an upstream."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock explain GET https://api.shop.example/orders/7 -H x-beta:1",
            "  penstock explain POST http://127.0.0.1:8080/pay --from 10.1.2.3"
        })
final class ExplainCommand extends GatewayCommand {
    @Parameters(paramLabel = "METHOD", index = "0", description = "The request's method, e.g. GET.")
    private String method = "";

    @Parameters(paramLabel = "URL", index = "1", description = "The request's whole URL.")
    private String url = "";

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME:VALUE",
            converter = HeaderOption.Converter.class,
            description = "A header field. May be repeated.")
    private List<HeaderOption> headers = new ArrayList<>();

    @Option(names = "--listener", paramLabel = "NAME", description = "By which listener it would come.")
    private Optional<String> listener = Optional.empty();

    @Option(names = "--from", paramLabel = "ADDRESS", description = "From which client address it would come.")
    private Optional<String> from = Optional.empty();

    @Override
    int run(ApiClient client) {
        ObjectNode sample =
                JsonNodeFactory.instance.objectNode().put("method", method).put("url", url);
        ObjectNode fields = sample.putObject("headers");
        for (HeaderOption header : headers) {
            fields.withArray(header.name()).add(header.value());
        }
        listener.ifPresent(name -> sample.put("listener", name));
        from.ifPresent(address -> sample.put("clientAddress", address));
        JsonNode found = client.call("POST", "/v1/explain").json(sample).send().json();
        if (isJson()) {
            print(found);
        } else {
            ExplainText.of(found).forEach(this::say);
        }
        return ExitCode.OK;
    }
}
