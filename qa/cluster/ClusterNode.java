import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.node.OpenSearchRunnerNode;
import org.opensearch.analysis.common.CommonAnalysisModulePlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessModulePlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4ModulePlugin;

/**
 * One node of a cluster in a process of its own, with the modules that a distribution has and zunda-mcp uses.
 *
 * <p>Arguments: the node's folder, its name, its HTTP port, its transport port, the transport ports of all nodes and the
 * names of all nodes, both with commas between them. codelibs' runner has several nodes in one process, which cannot be
 * killed one by one.
 */
public class ClusterNode {
    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        String[] ports = arguments[4].split(",");
        Settings settings = Settings.builder()
            .put("path.home", home.toString())
            .put("path.data", home.resolve("data").toString())
            .put("path.logs", home.resolve("logs").toString())
            .put("cluster.name", "zunda-mcp")
            .put("node.name", arguments[1])
            .put("http.port", arguments[2])
            .put("transport.port", arguments[3])
            .put("network.host", "127.0.0.1")
            .put("http.type", "netty4")
            .put("transport.type", "netty4")
            .put("node.store.allow_mmap", "false")
            .put("cluster.routing.allocation.disk.threshold_enabled", "false")
            .putList("discovery.seed_hosts", Arrays.stream(ports).map(port -> "127.0.0.1:" + port).toList())
            .putList("cluster.initial_cluster_manager_nodes", List.of(arguments[5].split(",")))
            .build();
        List<Class<? extends Plugin>> modules =
            List.of(Netty4ModulePlugin.class, CommonAnalysisModulePlugin.class, PainlessModulePlugin.class);
        Node node = new OpenSearchRunnerNode(new Environment(settings, home.resolve("config")), modules);
        node.start();
        new CountDownLatch(1).await();
    }
}
