// SPDX-License-Identifier: GPL-2.0-or-later
//
// groovy pipeline.groovy JENKINSFILE: runs a pipeline without Jenkins. Groovy itself reads the file; what the
// pipeline calls is here, and what is not is an error. Shell steps are run, as Jenkins runs them (sh -xe), in
// the current folder. The last line is the build's result: SUCCESS, UNSTABLE or FAILURE.
import org.codehaus.groovy.control.CompilerConfiguration

class Failed extends Exception {
    Failed(String why) { super(why) }
}

abstract class Pipeline extends Script {
    String result = 'SUCCESS'
    private List<String> seen = []

    private void within(String name, Closure body) {
        seen << name
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_FIRST
        body()
    }

    void pipeline(Closure body) {
        within('pipeline', body)
        for (part in ['agent', 'stages', 'post']) {
            assert part in seen: "the pipeline has no ${part}"
        }
    }

    void agent(Closure body) { within('agent', body) }
    void label(String name) { assert name }
    void options(Closure body) { within('options', body) }
    void disableConcurrentBuilds() { }
    void timeout(Map limit) { assert limit.time > 0 && limit.unit in ['MINUTES', 'HOURS'] }

    // Where a stage fails those behind it are left out; post is not.
    void stages(Closure body) {
        try {
            within('stages', body)
        } catch (Failed e) {
            println "failed: ${e.message}"
            result = 'FAILURE'
        }
    }

    void stage(String name, Closure body) {
        println "stage ${name}"
        within("stage ${name}", body)
    }

    void steps(Closure body) { within('steps', body) }
    void script(Closure body) { within('script', body) }
    void post(Closure body) { within('post', body) }
    void always(Closure body) { within('always', body) }

    private int shell(String text) {
        def process = new ProcessBuilder('sh', '-xe', '-c', text).redirectErrorStream(true).start()
        process.outputStream.close()
        System.out << process.inputStream
        return process.waitFor()
    }

    void sh(String text) {
        int code = shell(text)
        if (code != 0) {
            throw new Failed("script returned exit code ${code}")
        }
    }

    def sh(Map step) {
        assert step.keySet() == ['returnStatus', 'script'] as Set && step.returnStatus
        return shell(step.script)
    }

    void error(String why) { throw new Failed(why) }

    void unstable(String why) {
        println "unstable: ${why}"
        result = 'UNSTABLE'
    }

    void junit(Map step) {
        assert step.keySet() == ['testResults', 'allowEmptyResults'] as Set
        if (new File(step.testResults).exists()) {
            def suites = new XmlSlurper().parse(new File(step.testResults))
            println "junit: ${suites.'**'.count { it.name() == 'testcase' }} tests, " +
                "${suites.'**'.count { it.name() == 'failure' }} failures"
        } else {
            assert step.allowEmptyResults
        }
    }

    void archiveArtifacts(Map step) {
        assert step.keySet() == ['artifacts', 'allowEmptyArchive'] as Set
        println 'kept: ' + step.artifacts.split(',').findAll { new File(it).exists() }.join(' ')
    }
}

def configuration = new CompilerConfiguration(scriptBaseClass: Pipeline.name)
def build = new GroovyShell(this.class.classLoader, new Binding(), configuration).parse(new File(args[0]))
build.run()
println build.result
